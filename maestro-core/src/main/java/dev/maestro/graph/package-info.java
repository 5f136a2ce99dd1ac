/**
 * What must come before what: the dependency resolver, the incremental ready set and the critical
 * path.
 *
 * <p>There are two doors. {@link dev.maestro.graph.DependencyGraph} answers for a whole set of
 * tasks at once; {@link dev.maestro.graph.ReadySet} says, while work goes on, which tasks may start
 * now. Both keep the same order: the lower priority number first, then whoever became ready first,
 * then whoever was declared first.
 *
 * <p>Pure: no clock, I/O, thread, randomness, recursion or iteration over unordered maps. Ids are
 * of any type with {@code equals} and {@code hashCode}; they are looked up, never sorted.
 */
@NullMarked
package dev.maestro.graph;

import org.jspecify.annotations.NullMarked;
