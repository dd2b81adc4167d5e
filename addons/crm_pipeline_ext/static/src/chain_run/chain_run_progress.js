import {onWillUnmount} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {throttleForAnimation} from "@web/core/utils/timing";
import {
    ProgressBarField,
    progressBarField,
} from "@web/views/fields/progress_bar/progress_bar_field";

/** A progress bar that moves as the run does: the server tells the starter's browser
 * after each chunk, and the form reads the run again. */
export class ChainRunProgress extends ProgressBarField {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const reload = throttleForAnimation(() => this.props.record.load());
        const onProgress = ({id}) => id === this.props.record.resId && reload();
        bus.subscribe("crm.chain.run", onProgress);
        onWillUnmount(() => {
            bus.unsubscribe("crm.chain.run", onProgress);
            reload.cancel();
        });
    }
}

registry.category("fields").add("chain_run_progress", {
    ...progressBarField,
    component: ChainRunProgress,
    displayName: _t("Live progress bar"),
});
