import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Why a record is blocked, each reason with a button to the record to mend. */
export class ChainReasons extends Component {
    static template = "crm_pipeline_ext.ChainReasons";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get reasons() {
        return this.props.record.data[this.props.name] || [];
    }

    open(reason) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: reason.model,
            res_id: reason.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("chain_reasons", {
    component: ChainReasons,
    displayName: _t("Reasons"),
    supportedTypes: ["json"],
});
