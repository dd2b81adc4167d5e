import {ComboConfiguratorDialog} from "@sale/js/combo_configurator_dialog/combo_configurator_dialog";
import {ProductConfiguratorDialog} from "@sale/js/product_configurator_dialog/product_configurator_dialog";
import {SaleOrderLineProductField} from "@sale/js/sale_product_field";
import {patch} from "@web/core/utils/patch";

// The configurators tell the server whose prices to show.

patch(SaleOrderLineProductField.prototype, {
    get customerId() {
        return this.props.record.model.root.data.partner_id?.id;
    },
    _getAdditionalRpcParams() {
        return {...super._getAdditionalRpcParams(), customer_id: this.customerId};
    },
    _getAdditionalDialogProps() {
        return {...super._getAdditionalDialogProps(), customerId: this.customerId};
    },
});

for (const Dialog of [ComboConfiguratorDialog, ProductConfiguratorDialog]) {
    Dialog.props = {
        ...Dialog.props,
        customerId: {type: Number, optional: true},
    };
    patch(Dialog.prototype, {
        _getAdditionalRpcParams() {
            return {
                ...super._getAdditionalRpcParams(),
                customer_id: this.props.customerId,
            };
        },
    });
}

patch(ComboConfiguratorDialog.prototype, {
    _getAdditionalDialogProps() {
        return {
            ...super._getAdditionalDialogProps(),
            customerId: this.props.customerId,
        };
    },
});
