package dev.maestro.git;

import java.nio.file.Path;

/**
 * A working tree of the repository, Maestro's or the user's.
 *
 * @param gitDirectory where its HEAD and its index are
 * @param directory where its files are
 */
record Worktree(Path gitDirectory, Path directory) {}
