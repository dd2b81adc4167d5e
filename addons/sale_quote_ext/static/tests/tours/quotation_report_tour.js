import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("sale_quote_ext.quotation_report", {
    steps: () => [
        {
            trigger: ".o_pivot th:contains(Win Rate)",
        },
        {
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_canvas_container canvas",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            trigger: ".o_list_view td:contains(Pump)",
        },
    ],
});
