import configurator from "@sale/js/tours/product_configurator_tour_utils";
import tourUtils from "@sale/js/tours/tour_utils";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("sale_quote_ext.configurator_level", {
    steps: () => [
        ...tourUtils.addProduct("Pump"),
        configurator.assertProductPrice("Pump", "80.00"),
        configurator.increaseProductQuantity("Pump"),
        configurator.assertPriceTotal("160.00"),
        ...configurator.saveConfigurator(),
        ...stepUtils.saveForm(),
    ],
});
