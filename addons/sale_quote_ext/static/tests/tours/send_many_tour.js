import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.send_many", {
    steps: () => [
        {
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item:contains(Send Quotations…)",
            run: "click",
        },
        {
            content: "What cannot be sent says why",
            trigger: ".modal td:contains(has no e-mail address)",
        },
        {
            trigger: ".modal button[name=action_send]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
    ],
});
