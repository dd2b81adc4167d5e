import {Component} from "@odoo/owl";
import {getActiveHotkey} from "@web/core/hotkeys/hotkey_service";
import {usePopover} from "@web/core/popover/popover_hook";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

export class PriceWhyPopover extends Component {
    static template = "sale_quote_ext.PriceWhyPopover";
    static props = {
        why: Object,
        close: Function,
    };
}

/** On the line of an order: what makes its price, as the form stands. */
export class PriceWhy extends Component {
    static template = "sale_quote_ext.PriceWhy";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.popover = usePopover(PriceWhyPopover, {position: "top"});
    }

    async onClick(ev) {
        const button = ev.currentTarget;
        if (this.popover.isOpen) {
            this.popover.close();
            return;
        }
        const line = this.props.record;
        const order = line.model.root;
        const changes = await order.getChanges({withReadonly: true});
        const why = await this.orm.call(
            "sale.order",
            "explain_price",
            [order.resId ? [order.resId] : []],
            {line: line.resId || line._virtualId, changes}
        );
        this.popover.open(button, {why});
    }

    /** Enter opens it, and does not go on to the next line. */
    onKeydown(ev) {
        if (["enter", "space"].includes(getActiveHotkey(ev))) {
            ev.stopPropagation();
        }
    }
}

export const priceWhy = {
    component: PriceWhy,
};

registry.category("view_widgets").add("price_why", priceWhy);
