/**
 * Agents that run as child processes.
 *
 * <p>The agents of vendors are in packages of their own: {@link
 * dev.maestro.providers.claude.ClaudeCode}, {@link dev.maestro.providers.codex.Codex}, {@link
 * dev.maestro.providers.gemini.GeminiCli}, {@link dev.maestro.providers.opencode.OpenCode}, {@link
 * dev.maestro.providers.cursor.Cursor}. Any other program that takes a prompt on stdin is a {@link
 * dev.maestro.providers.CommandAgent}; one with a form of output of its own is made with {@link
 * dev.maestro.providers.CliAgent}.
 */
@NullMarked
package dev.maestro.providers;

import org.jspecify.annotations.NullMarked;
