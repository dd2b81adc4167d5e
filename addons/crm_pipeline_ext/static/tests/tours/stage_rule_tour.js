import {registry} from "@web/core/registry";

const column = (name) => `.o_kanban_group:has(.o_column_title:contains('${name}'))`;
const card = ".o_kanban_record:contains('Tour deal')";

registry.category("web_tour.tours").add("crm_pipeline_ext.stage_rule", {
    steps: () => [
        {
            content: "Drag the card on without what the stage asks for",
            trigger: `${column("Tour first")} ${card}`,
            run: `drag_and_drop (${column("Tour second")})`,
        },
        {
            content: "What is missing is said",
            trigger:
                ".modal:contains('Fill in Expected Revenue.'):contains('Budget known')",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The card is where it was",
            trigger: `body:not(:has(.modal)) ${column("Tour first")} ${card}`,
            run: "click",
        },
        {
            content: "Tick the check on the form",
            trigger:
                ".o_field_widget[name=stage_tick_ids] .form-check:contains('Budget known') input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=expected_revenue] input",
            run: "edit 500",
        },
        {
            content: "Move on with the same save",
            trigger: ".o_statusbar_status button:contains('Tour second')",
            run: "click",
        },
        {
            trigger:
                ".o_form_saved:has(.o_arrow_button_current:contains('Tour second'))",
        },
    ],
});
