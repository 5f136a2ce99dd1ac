package dev.maestro.examples;

import dev.maestro.agent.AgentProvider;
import dev.maestro.providers.CliAgent;
import dev.maestro.providers.Rights;
import dev.maestro.providers.acp.ClaudeAcp;
import dev.maestro.providers.acp.CodexAcp;
import dev.maestro.providers.acp.GeminiAcp;
import dev.maestro.providers.acp.OpenCodeAcp;
import dev.maestro.providers.acp.QwenAcp;
import dev.maestro.providers.claude.Amp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.claude.QwenCode;
import dev.maestro.providers.codex.Codex;
import dev.maestro.providers.cursor.Cursor;
import dev.maestro.providers.gemini.GeminiCli;
import dev.maestro.providers.opencode.OpenCode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The agents that have a provider of their own, by its name. */
final class KnownAgents {

  private KnownAgents() {}

  /**
   * {@return the agent that is named, with the right to do anything; empty where it is none of
   * them, but a command}
   *
   * @throws UsageException when it is not installed
   */
  static Optional<AgentProvider> find(List<String> words) {
    CliAgent.Builder<? extends CliAgent> builder = words.size() == 1 ? of(words.get(0)) : null;
    if (builder == null) {
      return Optional.empty();
    }
    AgentProvider agent = builder.rights(Rights.ALL).build();
    if (!agent.isAtHand()) {
      throw new UsageException(agent.id() + " is not here; " + agent.detect().help());
    }
    return Optional.of(agent);
  }

  private static CliAgent.@Nullable Builder<? extends CliAgent> of(String name) {
    return switch (name) {
      case "amp" -> Amp.builder();
      case "claude" -> ClaudeCode.builder();
      case "claude-acp" -> ClaudeAcp.builder();
      case "codex" -> Codex.builder();
      case "codex-acp" -> CodexAcp.builder();
      case "cursor" -> Cursor.builder();
      case "gemini" -> GeminiCli.builder();
      case "gemini-acp" -> GeminiAcp.builder();
      case "opencode" -> OpenCode.builder();
      case "opencode-acp" -> OpenCodeAcp.builder();
      case "qwen" -> QwenCode.builder();
      case "qwen-acp" -> QwenAcp.builder();
      default -> null;
    };
  }
}
