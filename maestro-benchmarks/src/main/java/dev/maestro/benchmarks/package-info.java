/**
 * How fast Maestro is, measured beside its peers in one run.
 *
 * <p>Start with {@link dev.maestro.benchmarks.BenchmarksMain}. A {@link
 * dev.maestro.benchmarks.Scenario} puts one question to several {@link
 * dev.maestro.benchmarks.Contestant}s; the {@link dev.maestro.benchmarks.Referee} lets them take
 * turns and makes {@link dev.maestro.benchmarks.Row}s of what they read off.
 */
@NullMarked
package dev.maestro.benchmarks;

import org.jspecify.annotations.NullMarked;
