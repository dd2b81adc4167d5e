import {registry} from "@web/core/registry";

const asked = ".o_price_why_popover:contains(4 more Units)";

registry.category("web_tour.tours").add("sale_quote_ext.price_why", {
    steps: () => [
        {
            content: "Ask by mouse",
            trigger: ".o_data_row .o_price_why",
            run: "click",
        },
        {
            content: "The row stays as it was",
            trigger: `body:not(:has(.o_selected_row)):has(${asked})`,
        },
        {
            content: "Change the quantity",
            trigger: ".o_data_row [name=product_uom_qty]",
            run: "click",
        },
        {
            trigger: ".o_selected_row [name=product_uom_qty] input",
            run: "edit 10",
        },
        {
            content: "Ask by keyboard",
            trigger: ".o_selected_row .o_price_why",
            async run() {
                this.anchor.focus();
                await this.anchor.dispatchEvent(
                    new KeyboardEvent("keydown", {key: "Enter", bubbles: true})
                );
                this.anchor.click();
            },
        },
        {
            content: "It tells of the form as it stands, and the row is still edited",
            trigger:
                "body:has(.o_selected_row) .o_price_why_popover:contains(from 10 Units)",
        },
        {
            trigger: ".o_form_button_cancel",
            run: "click",
        },
    ],
});
