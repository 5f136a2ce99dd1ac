/**
 * Where an attempt works: the workspace SPI, plain directories, and the rules for paths.
 *
 * <p>Start at {@link dev.maestro.workspace.Workspaces}.
 */
@NullMarked
package dev.maestro.workspace;

import org.jspecify.annotations.NullMarked;
