/**
 * Runnable programs, one question each.
 *
 * <p>Start at {@link dev.maestro.examples.FeatureDeliveryMain}: how do agents deliver a feature?
 */
@NullMarked
package dev.maestro.examples;

import org.jspecify.annotations.NullMarked;
