/**
 * Rules that answer a {@link dev.maestro.policy.Verdict}: whether to go on, ask, wait or refuse.
 *
 * <p>A policy never logs, sleeps or throws for an expected outcome.
 */
@NullMarked
package dev.maestro.policy;

import org.jspecify.annotations.NullMarked;
