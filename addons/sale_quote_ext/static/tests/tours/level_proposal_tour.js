import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.level_proposal", {
    steps: () => [
        {
            content: "The proposal and its reason are shown",
            trigger:
                ".o_data_row:contains(Sara Levels):contains(Gold Club):contains(1,200.00)",
        },
        {
            trigger: ".o_data_row:contains(Sara Levels) .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: "button[name=action_apply]",
            run: "click",
        },
        {
            content: "It is done",
            trigger: "body:not(:has(.o_data_row:contains(Sara Levels)))",
        },
    ],
});
