/**
 * Runs whose agent is the host: another program, such as a coding agent with Maestro as its tool,
 * asks for the next step, does it, and hands it in.
 *
 * <p>Start at {@link dev.maestro.hosted.Hosted}; a {@link dev.maestro.hosted.Host} is what one host
 * may do, and a {@link dev.maestro.hosted.Reply} is what it is told. All of it is a client of
 * {@link dev.maestro.Maestro}: nothing is known here that is not in the journal.
 */
@NullMarked
package dev.maestro.hosted;

import org.jspecify.annotations.NullMarked;
