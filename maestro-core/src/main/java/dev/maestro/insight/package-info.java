/**
 * What recorded runs tell: how they would have gone under other policies, and which routes would
 * have done as well for less.
 *
 * <p>Pure views of journals. Nothing here calls anybody, changes anything, or can reach what is at
 * work. Doors: {@link dev.maestro.insight.BackTest}, {@link dev.maestro.insight.ShadowRouting}.
 */
@NullMarked
package dev.maestro.insight;

import org.jspecify.annotations.NullMarked;
