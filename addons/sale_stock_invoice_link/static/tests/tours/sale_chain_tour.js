import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// Nothing here may depend on the language: the tours run in each of them.
const NEXT = ".o_chain_next:enabled";
const bar = (next) => `.o_chain_bar[data-next=${next}]`;
const link = (key) => `.o_chain_segment[data-key=${key}] .o_chain_document a`;
const lines = ".o_field_widget[name=line_ids]";
// How long a step may take on a busy machine, in milliseconds.
const PATIENCE = 30000;

function takeStep(step, following) {
    return [
        {
            content: `Take the step ${step}`,
            trigger: `${bar(step)} ${NEXT}`,
            run: "click",
        },
        {
            content: `The next one is ${following}`,
            trigger: bar(following),
        },
    ];
}

/** Open a document from the bar of the opportunity, see that it is there, come back. */
function lookAt(key, there, following) {
    return [
        {
            content: `Open the document of ${key}`,
            trigger: link(key),
            run: "click",
        },
        {
            content: `It is open: ${there}`,
            trigger: `.o_form_view ${there}`,
        },
        {
            content: "Come back by the breadcrumb",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            content: "The opportunity is as it was",
            trigger: `.o_form_view:has(${lines}) ${bar(following)}`,
        },
    ];
}

registry.category("web_tour.tours").add("sale_chain_salesperson", {
    timeout: PATIENCE,
    steps: () => [
        ...stepUtils.goToAppSteps("crm.crm_menu_root", "Open the CRM"),
        {
            content: "List the enquiries",
            trigger: "[data-menu-xmlid='crm.crm_menu_leads']",
            run: "click",
        },
        {
            content: "Open one",
            trigger: ".o_data_row .o_data_cell:contains('Ten pumps')",
            run: "click",
        },
        ...takeStep("opportunity", "quotation"),
        {
            content: "Note a product the customer asks for",
            trigger: ".o_notebook a.nav-link[name=products]",
            run: "click",
        },
        {
            trigger: `${lines} .o_field_x2many_list_row_add :is(a, button)`,
            run: "click",
        },
        {
            trigger: `${lines} .o_selected_row [name=product_id] input`,
            run: "edit Tour Pump",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour Pump')",
            run: "click",
        },
        {
            trigger: `${lines} .o_selected_row [name=product_uom_qty] input`,
            run: "edit 10 && press Tab",
        },
        ...stepUtils.saveForm(),
        ...takeStep("quotation", "send"),
        ...lookAt("quotation", ".o_field_widget[name=order_line]", "send"),
        ...takeStep("send", "order"),
        ...takeStep("order", "delivery"),
        ...lookAt("order", ".o_field_widget[name=order_line]", "delivery"),
        ...takeStep("delivery", "invoice"),
        ...lookAt("delivery", ".o_field_widget[name=move_ids]", "invoice"),
        ...takeStep("invoice", "send_invoice"),
        ...lookAt("invoice", ".o_field_widget[name=invoice_line_ids]", "send_invoice"),
        ...takeStep("send_invoice", "payment"),
        {
            content: "From the order's bar back to the opportunity",
            trigger: link("order"),
            run: "click",
        },
        {
            trigger: `.o_form_view:has([name=order_line]) ${link("lead")}`,
            run: "click",
        },
        {
            trigger: `.o_form_view:has(${lines}) ${bar("payment")}`,
        },
    ],
});

registry.category("web_tour.tours").add("sale_chain_accountant", {
    timeout: PATIENCE,
    steps: () => [
        ...stepUtils.goToAppSteps("account.menu_finance", "Open the invoices"),
        {
            trigger: "[data-menu-xmlid='account.menu_finance_receivables']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='account.menu_action_move_out_invoice_type']",
            run: "click",
        },
        {
            content: "Open the customer's invoice",
            trigger: ".o_data_row .o_data_cell:contains('Tour Customer')",
            run: "click",
        },
        {
            content: "Go to its order",
            trigger: "button[name=action_view_source_sale_orders]",
            run: "click",
        },
        {
            content: "Register the payment",
            trigger: `.o_form_view:has([name=order_line]) ${bar("payment")} ${NEXT}`,
            run: "click",
        },
        {
            content: "The sale has come to its end: nothing is next",
            trigger:
                ".o_chain_bar:not(:has(.o_chain_next)) " +
                ".o_chain_segment[data-key=payment][data-state=done]",
        },
    ],
});
