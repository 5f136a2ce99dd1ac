/**
 * JSON as trees: written by a writer of our own, and read by Jackson.
 *
 * <p>Begin with {@link dev.maestro.json.Json}; what is written field by field, such as events, uses
 * {@link dev.maestro.json.JsonText}. Not exported.
 */
@NullMarked
package dev.maestro.json;

import org.jspecify.annotations.NullMarked;
