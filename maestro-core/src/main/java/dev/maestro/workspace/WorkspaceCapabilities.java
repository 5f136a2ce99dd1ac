package dev.maestro.workspace;

/**
 * What a kind of workspace can do.
 *
 * @param isolates whether tasks work beside each other without seeing each other's files
 * @param checkpoints whether states are kept and can be come back to, which protecting paths needs
 * @param merges whether work can be merged into a branch
 */
public record WorkspaceCapabilities(boolean isolates, boolean checkpoints, boolean merges) {}
