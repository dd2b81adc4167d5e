import {registry} from "@web/core/registry";

const shown = {
    content: "What has changed is shown",
    trigger: ".modal tr:contains(Pump):contains(100.00):contains(130.00)",
};

registry.category("web_tour.tours").add("sale_quote_ext.drift_refresh", {
    steps: () => [
        {
            content: "Confirm by the chain bar",
            trigger: ".o_chain_bar button:contains(Confirm Order)",
            run: "click",
        },
        shown,
        {
            trigger: ".modal button[name=action_refresh]",
            run: "click",
        },
        {
            content: "It is a quotation again, at the new price",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=order_line]:contains(130.00)",
        },
        {
            trigger: ".o_arrow_button_current:contains(Quotation)",
        },
    ],
});

registry.category("web_tour.tours").add("sale_quote_ext.drift_accept", {
    steps: () => [
        {
            content: "Confirm by core's button",
            trigger: "button[name=action_confirm]:not(:hidden)",
            run: "click",
        },
        shown,
        {
            trigger: ".modal button[name=action_accept]",
            run: "click",
        },
        {
            content: "It is confirmed at the old price",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=order_line]:contains(100.00)",
        },
        {
            trigger: ".o_arrow_button_current:contains(Sales Order)",
        },
    ],
});
