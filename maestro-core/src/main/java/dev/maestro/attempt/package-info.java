/**
 * One attempt from the inside: act, verify and integrate, with the interceptors around them.
 *
 * <p>The only place where agents, gates, workspaces and the application's own code are touched.
 * Start at {@link dev.maestro.attempt.Attempts}; applications write {@link
 * dev.maestro.attempt.Interceptor}s and {@link dev.maestro.attempt.CodeStep}s.
 */
@NullMarked
package dev.maestro.attempt;

import org.jspecify.annotations.NullMarked;
