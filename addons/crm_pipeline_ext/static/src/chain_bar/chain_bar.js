import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {deserializeDate, formatDate} from "@web/core/l10n/dates";
import {formatCurrency} from "@web/core/currency";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {ViewButton} from "@web/views/view_button/view_button";

/**
 * Where a sale stands: one segment per stretch of the chain, each with its
 * documents, and the button that takes the next step.
 */
export class ChainBar extends Component {
    static template = "crm_pipeline_ext.ChainBar";
    static components = {ViewButton};
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get bar() {
        return this.props.record.data[this.props.name] || {segments: [], next: false};
    }

    /** The first segment not done is the one the sale stands in. */
    get segments() {
        const current = this.bar.segments.find((segment) => !segment.done);
        return this.bar.segments.map((segment) => ({
            ...segment,
            state: segment.done ? "done" : segment === current ? "current" : "todo",
        }));
    }

    get stateLabels() {
        return {done: _t("Done"), current: _t("Under way"), todo: _t("To come")};
    }

    get nextLabel() {
        return _t("Next: %s", this.bar.next.label);
    }

    /** A name wraps behind a slash: "INV/" and "2026/00007". Not between two numbers,
     * whose order in a right-to-left line would no longer be clear. */
    nameParts(document) {
        return document.name.split(/(?<=\D\/)/);
    }

    date(document) {
        return document.date && formatDate(deserializeDate(document.date));
    }

    hasAmount(document) {
        return typeof document.amount === "number";
    }

    /** Large amounts wrap between number and currency. */
    amount(document) {
        const amount = formatCurrency(document.amount, document.currency_id);
        return amount.replaceAll("\u00a0", " ");
    }

    isHere(document) {
        const {resModel, resId} = this.props.record;
        return document.model === resModel && document.id === resId;
    }

    open(document) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: document.model,
            res_id: document.id,
            views: [[false, "form"]],
        });
    }
}

export const chainBar = {
    component: ChainBar,
    displayName: _t("Chain bar"),
    supportedTypes: ["json"],
};

registry.category("fields").add("chain_bar", chainBar);
