/**
 * The crash matrix: your own pipeline, killed at every record of its journal, and its store damaged
 * in every way a disk can do it.
 *
 * <p>Write a {@link dev.maestro.testing.crash.CrashScenario}, hand it to {@link
 * dev.maestro.testing.crash.CrashMatrix} in a test, and read the {@link
 * dev.maestro.testing.crash.CrashReport}. The rules by which a crashed run is compared with an
 * undisturbed one stand on {@code CrashMatrix}.
 */
@NullMarked
package dev.maestro.testing.crash;

import org.jspecify.annotations.NullMarked;
