import {registry} from "@web/core/registry";

const row = ".o_data_row:contains('Tour deal')";

registry.category("web_tour.tours").add("crm_pipeline_ext.next_action", {
    steps: () => [
        {
            content: "The most urgent opportunity comes first, with its reasons",
            trigger:
                ".o_data_row:first:contains('Tour deal'):contains('overdue 3 days')",
        },
        {
            content: "Done, and the next planned, in one click",
            trigger: `${row} button[name=action_done_and_plan_proposed]`,
            run: "click",
        },
        {
            content: "What is planned is said",
            trigger:
                ".o_notification:contains('Done: Meeting'):contains('Next for “Tour deal”')",
        },
        {
            content: "It is not overdue any more",
            trigger: "body:not(:has(.o_data_row:contains('overdue 3 days')))",
        },
        {
            content: "Now by the dialog",
            trigger: `${row} button[name=action_done_and_plan_next]`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=feedback] textarea",
            run: "edit He called back",
        },
        {
            trigger: ".modal .o_field_widget[name=summary] input",
            run: "edit Visit him",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The dialog is closed, what was chosen is planned",
            trigger: "body:not(:has(.modal)) .o_notification:contains('Visit him')",
        },
    ],
});
