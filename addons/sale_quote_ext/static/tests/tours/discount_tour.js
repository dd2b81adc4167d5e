import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.discount", {
    steps: () => [
        {
            content: "The banner tells what is asked",
            trigger: ".alert:contains(asks to approve a discount of up to 25)",
        },
        {
            content: "Refuse in the activity",
            trigger: ".o-mail-Activity .o_discount_refuse",
            run: "click",
        },
        {
            trigger: ".modal [name=reason] textarea",
            run: "edit Ask for more",
        },
        {
            trigger: ".modal button[name=action_refuse]",
            run: "click",
        },
        {
            content: "The salesperson is told why",
            trigger: "body:not(:has(.modal)) .alert:contains(Ask for more)",
        },
    ],
});

registry.category("web_tour.tours").add("sale_quote_ext.discount_approve", {
    steps: () => [
        {
            trigger: ".o-mail-Activity .o_discount_approve",
            run: "click",
        },
        {
            content: "Nothing is left to decide",
            trigger: "body:not(:has(.o_discount_approve)) .alert:contains(approved)",
        },
    ],
});
