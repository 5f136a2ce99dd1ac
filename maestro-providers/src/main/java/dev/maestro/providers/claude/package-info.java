/**
 * Claude Code, and the agents that speak its stream of JSON: Qwen Code and Amp.
 *
 * <p>Start at {@link dev.maestro.providers.claude.ClaudeCode}.
 */
@NullMarked
package dev.maestro.providers.claude;

import org.jspecify.annotations.NullMarked;
