import {Activity} from "@mail/core/web/activity";
import {patch} from "@web/core/utils/patch";

/** Approve and Refuse in the place of Mark Done, for a discount somebody asks for. */
patch(Activity.prototype, {
    get asksForDiscount() {
        return this.props.activity.activity_category === "discount";
    },
    async onClickDiscount(method) {
        const thread = this.thread;
        const {orm, action} = this.env.services;
        const dialog = await orm.call("sale.order", method, [[thread.id]]);
        if (dialog.type) {
            await new Promise((onClose) => action.doAction(dialog, {onClose}));
        }
        this.props.onActivityChanged(thread);
        await this.props.reloadParentView();
    },
});
