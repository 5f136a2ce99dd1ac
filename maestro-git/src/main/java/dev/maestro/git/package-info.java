/**
 * Workspaces in a git repository: a worktree and a branch for every task, checkpoints that are
 * commits, merges without a working tree.
 *
 * <p>Start at {@link dev.maestro.git.GitWorkspaces}. JGit reads objects, writes commits and moves
 * branches; files, indexes and merges are native git's wherever it is installed.
 */
@NullMarked
package dev.maestro.git;

import org.jspecify.annotations.NullMarked;
