import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.revision", {
    steps: () => [
        {
            content: "Open the revisions",
            trigger: "button[name=action_view_revisions]",
            run: "click",
        },
        {
            content: "Two were sent; compare the first with the quotation as it is",
            trigger: ".o_data_row:nth-child(2) button[name=action_compare]",
            run: "click",
        },
        {
            trigger: ".modal tr[data-kind=removed]:contains(Assembly)",
        },
        {
            trigger: ".modal tr[data-kind=changed]:contains(100.00):contains(120.00)",
        },
        {
            content: "Compare with the second revision instead",
            trigger: ".modal .o_field_widget[name=after_id] input",
            run: "click",
        },
        {
            trigger: ".modal .o-autocomplete--dropdown-item:contains(revision 2)",
            run: "click",
        },
        {
            content: "Then the line was still there",
            trigger: ".modal:not(:has(tr[data-kind=removed])) tr[data-kind=changed]",
        },
        {
            trigger: ".modal footer button",
            run: "click",
        },
        {
            content: "Look at the second one",
            trigger: "body:not(:has(.modal)) .o_data_row:nth-child(1) [name=number]",
            run: "click",
        },
        {
            trigger: ".o_revision td:contains(120.00)",
        },
    ],
});
