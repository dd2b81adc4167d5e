import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.take_back", {
    steps: () => [
        {
            trigger: ".o_statusbar_buttons button[name=action_take_back]",
            run: "click",
        },
        {
            content: "The difference is shown: was and is",
            trigger: ".modal td:contains(3 Units):contains(5 Units)",
        },
        {
            trigger: ".modal button[name=action_apply]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});
