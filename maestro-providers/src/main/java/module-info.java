/** Coding agents that run as child processes. */
module dev.maestro.providers {
  requires transitive dev.maestro.core;
  requires transitive com.fasterxml.jackson.databind;
  requires org.slf4j;

  exports dev.maestro.providers;
  exports dev.maestro.providers.acp;
  exports dev.maestro.providers.claude;
  exports dev.maestro.providers.codex;
  exports dev.maestro.providers.cursor;
  exports dev.maestro.providers.gemini;
  exports dev.maestro.providers.opencode;

  provides dev.maestro.agent.AgentProvider with
      dev.maestro.providers.acp.ClaudeAcp,
      dev.maestro.providers.acp.CodexAcp,
      dev.maestro.providers.acp.GeminiAcp,
      dev.maestro.providers.acp.OpenCodeAcp,
      dev.maestro.providers.acp.QwenAcp,
      dev.maestro.providers.claude.Amp,
      dev.maestro.providers.claude.ClaudeCode,
      dev.maestro.providers.claude.QwenCode,
      dev.maestro.providers.codex.Codex,
      dev.maestro.providers.cursor.Cursor,
      dev.maestro.providers.gemini.GeminiCli,
      dev.maestro.providers.opencode.OpenCode;
}
