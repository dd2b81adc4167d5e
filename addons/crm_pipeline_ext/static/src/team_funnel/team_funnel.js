import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatCurrency} from "@web/core/currency";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/** The open opportunities of a team: a slim bar for each stage, and its capacity. */
export class TeamFunnel extends Component {
    static template = "crm_pipeline_ext.TeamFunnel";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get funnel() {
        return this.props.record.data[this.props.name] || {stages: [], capacity: {}};
    }

    /** Bars are as long as the stage is worth beside the most valuable one; where
     * nothing is worth anything, as many opportunities as it has. */
    get stages() {
        const {stages, currency_id} = this.funnel;
        const by = stages.some((stage) => stage.value > 0) ? "value" : "count";
        const most = Math.max(...stages.map((stage) => stage[by]), 1);
        return stages.map((stage) => {
            const value = formatCurrency(stage.value, currency_id, {
                humanReadable: true,
            });
            return {
                ...stage,
                width: Math.max(0, Math.round((100 * stage[by]) / most)),
                worth: value,
                label: _t("%(stage)s: %(count)s opportunities, %(value)s", {
                    stage: stage.name,
                    count: stage.count,
                    value,
                }),
            };
        });
    }

    get capacity() {
        const {used, total} = this.funnel.capacity;
        return {
            used,
            total,
            percent: total ? Math.min(100, Math.round((100 * used) / total)) : 0,
            label: _t("%(used)s of %(total)s leads assigned in 30 days", {used, total}),
        };
    }

    open(stage) {
        const team = this.props.record.resId;
        return this.action.doAction("crm.crm_case_form_view_salesteams_opportunity", {
            additionalContext: {
                active_id: team,
                active_ids: [team],
                active_model: this.props.record.resModel,
                search_default_stage_id: stage.id,
            },
        });
    }
}

export const teamFunnel = {
    component: TeamFunnel,
    displayName: _t("Team funnel"),
    supportedTypes: ["json"],
};

registry.category("fields").add("team_funnel", teamFunnel);
