import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The chain in small, for cards: a dot for each step, filled up to the last passed. */
export class ChainDots extends Component {
    static template = "crm_pipeline_ext.ChainDots";
    static props = {...standardFieldProps};

    get steps() {
        return this.props.record.fields[this.props.name].selection;
    }

    /** Index of the last step passed. */
    get last() {
        const key = this.props.record.data[this.props.name];
        return this.steps.findIndex(([step]) => step === key);
    }

    get label() {
        return this.last < 0 ? "" : this.steps[this.last][1];
    }

    get description() {
        return _t("%(label)s: step %(number)s of %(count)s", {
            label: this.label,
            number: this.last + 1,
            count: this.steps.length,
        });
    }
}

export const chainDots = {
    component: ChainDots,
    displayName: _t("Chain in small"),
    supportedTypes: ["selection"],
};

registry.category("fields").add("chain_dots", chainDots);
