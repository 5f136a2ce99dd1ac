/**
 * Questions that only a person can answer, and their answers.
 *
 * <p>Pure values only.
 */
@NullMarked
package dev.maestro.approval;

import org.jspecify.annotations.NullMarked;
