package dev.maestro.providers;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.SessionId;
import dev.maestro.process.ProcessIdentity;
import dev.maestro.process.ProcessResult;
import dev.maestro.process.Time;
import dev.maestro.providers.claude.Amp;
import dev.maestro.providers.claude.ClaudeCode;
import dev.maestro.providers.claude.QwenCode;
import dev.maestro.providers.codex.Codex;
import dev.maestro.providers.cursor.Cursor;
import dev.maestro.providers.gemini.GeminiCli;
import dev.maestro.providers.opencode.OpenCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Hears a recorded launch as if the program had just written it, without a process.
 *
 * @param events what the listener heard
 * @param reply what came of it
 */
record Replay(List<AgentEvent> events, AgentReply reply) {

  /** When the recordings are taken to have been made. */
  static final Instant NOW = Instant.parse("2026-11-20T20:15:00Z");

  /** {@return one agent of each kind, by the name of its recordings} */
  static Map<String, CliAgent> agents() {
    return Map.of(
        "claude", still(ClaudeCode.builder()),
        "qwen", still(QwenCode.builder()),
        "amp", still(Amp.builder()),
        "codex", still(Codex.builder()),
        "gemini", still(GeminiCli.builder()),
        "opencode", still(OpenCode.builder()),
        "cursor", still(Cursor.builder()));
  }

  static <A extends CliAgent> A still(CliAgent.Builder<A> builder) {
    return builder.time(new StillTime()).zone(ZoneOffset.UTC).build();
  }

  static AgentRequest request(@Nullable String session) {
    return Requests.in(Path.of("/nowhere"), "p", session == null ? null : SessionId.of(session));
  }

  /** Hear a recording that ended with this exit code. */
  static Replay of(CliAgent agent, String recording, int exitCode, @Nullable String session) {
    return of(
        agent,
        read(recording + ".jsonl"),
        read(recording + ".err"),
        ended(ProcessResult.Ending.EXITED, exitCode),
        session);
  }

  static Replay of(
      CliAgent agent, byte[] out, byte[] err, ProcessResult ended, @Nullable String session) {
    RecordingListener listener = new RecordingListener();
    AgentRequest request = request(session);
    Hearing hearing = agent.hearing(request, listener);
    hearing.started(new ProcessIdentity("boot", 1, 1, "marker"));
    new String(out, StandardCharsets.UTF_8).lines().forEach(hearing::line);
    ProcessResult result =
        new ProcessResult(
            ended.ending(),
            ended.exitCode(),
            new String(err, StandardCharsets.UTF_8),
            NOW,
            Duration.ofSeconds(1),
            0,
            List.of());
    AgentReply reply = agent.launching().reply(request, hearing, result);
    agent.note(request, hearing.account());
    return new Replay(listener.events(), reply);
  }

  static ProcessResult ended(ProcessResult.Ending ending, int exitCode) {
    return new ProcessResult(ending, exitCode, "", NOW, Duration.ZERO, 0, List.of());
  }

  /** {@return a file of the recordings, empty where there is none} */
  static byte[] read(String file) {
    try (InputStream content = Replay.class.getResourceAsStream("/recordings/" + file)) {
      return content == null ? new byte[0] : content.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  <E extends AgentEvent> List<E> all(Class<E> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** A clock that stands still. */
  private static final class StillTime implements Time {

    @Override
    public Instant instant() {
      return NOW;
    }

    @Override
    public dev.maestro.process.Registration at(Instant instant, Runnable action) {
      return () -> {};
    }

    @Override
    public void close() {}
  }
}
