/**
 * What tests of pipelines need: agents that cost nothing and always do the same, and a clock that
 * is moved by hand.
 *
 * <p>Start at {@link dev.maestro.testing.ScriptedAgent}, which says and does what the test tells
 * it; at {@link dev.maestro.testing.RecordedAgent}, which replays a file, in this JVM or as a child
 * process; or at {@link dev.maestro.testing.VirtualTime}.
 */
@NullMarked
package dev.maestro.testing;

import org.jspecify.annotations.NullMarked;
