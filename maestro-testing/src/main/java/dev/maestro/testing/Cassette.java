package dev.maestro.testing;

import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.ProviderId;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an agent did, kept in one JSON file.
 *
 * <pre>{@code
 * {
 *   "format": 1,
 *   "agent": "recorded",
 *   "turns": [
 *     {
 *       "when": {"task": "red", "attempt": 1},
 *       "does": [
 *         {"text": "Reading the sources."},
 *         {"pause": 800},
 *         {"tool": "write", "id": "1", "input": "src/A.java"},
 *         {"write": "src/A.java", "content": ["final class A {", "}"]},
 *         {"toolResult": "written", "id": "1", "ok": true},
 *         {"usage": {"input": 900, "output": 40, "cost": "0.004", "turns": 1}}
 *       ],
 *       "says": "I wrote A.",
 *       "session": "s1",
 *       "usage": {"input": 1800, "output": 90, "cached": 20, "cost": "0.01", "turns": 2}
 *     },
 *     {
 *       "when": {"role": "engineer", "prompt": "rate limiting"},
 *       "failure": {"class": "quota-exhausted", "message": "used up", "until": null}
 *     }
 *   ]
 * }
 * }</pre>
 *
 * <p>{@code when} may name {@code task}, {@code role}, {@code attempt} and a part of the {@code
 * prompt}; what it leaves out fits anything, and of several turns that fit the first in the file is
 * replayed. Deeds are {@code text}, {@code thinking}, {@code tool}, {@code toolResult}, {@code
 * usage} (what the launch has used so far), {@code rateLimited} (an instant or null), {@code
 * write}, {@code delete} and {@code pause} in milliseconds. A text may be a list of lines; those of
 * a file each end with a line feed. {@code exit} is 0, or 1 where there is a {@code failure},
 * unless it is written down; no {@code usage} means that nobody knows it. Members that are not
 * known are skipped, deeds that are not known are refused.
 *
 * <p>What a {@link RecordingAgent} writes has more: {@code can} tells what the provider is able to
 * do, and a turn's {@code scene} the prompt and the files that it found. Where either is another,
 * the turn is not replayed. Its deeds are also {@code patch} (lines of a file that are others),
 * {@code write} with {@code base64}, {@code asks} (for a tool) and {@code context} (how full it
 * is).
 *
 * @param agent the provider id under which it is replayed
 * @param turns the recorded launches
 * @param capabilities what the provider can do
 */
public record Cassette(String agent, List<Recording> turns, Capabilities capabilities) {

  /** What a recorded agent can do that says nothing about it. */
  static final Capabilities USUAL =
      Capabilities.of(Capability.SESSIONS, Capability.METERS, Capability.PROMPT_AFTER_START);

  /** The version of the format that is written. */
  public static final int FORMAT = 1;

  /** Check the name and copy the list. */
  public Cassette {
    ProviderId.of(agent);
    turns = List.copyOf(turns);
    Objects.requireNonNull(capabilities, "capabilities");
  }

  /** Make one whose agent resumes sessions, meters, and gets its prompt after its start. */
  public Cassette(String agent, List<Recording> turns) {
    this(agent, turns, USUAL);
  }

  /**
   * Read a file.
   *
   * @throws dev.maestro.failure.PermanentException when it is no cassette; names the place
   */
  public static Cassette read(Path file) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      return CassetteReader.read(reader, String.valueOf(file.getFileName()));
    }
  }

  /** Write a file that {@link #read} reads as an equal cassette. */
  public void write(Path file) throws IOException {
    try (BufferedWriter writer = Files.newBufferedWriter(file)) {
      CassetteWriter.write(this, writer);
    }
  }

  /**
   * {@return the first turn that serves this launch, if there is one; of several, the first that
   * was recorded with what is found there}
   */
  public Optional<Recording> find(AgentRequest request) {
    Objects.requireNonNull(request, "request");
    List<Recording> serving = turns.stream().filter(turn -> turn.when().fits(request)).toList();
    return serving.stream()
        .filter(turn -> serving.size() > 1 && turn.misfit(request).isEmpty())
        .findFirst()
        .or(() -> serving.stream().findFirst());
  }

  /** {@return why nothing can be replayed for this launch, if nothing can} */
  Optional<String> misfit(AgentRequest request) {
    Optional<Recording> turn = find(request);
    return turn.isEmpty() ? Optional.of(nothingFor(request)) : turn.get().misfit(request);
  }

  /** {@return the sentence for a launch that no turn serves} */
  private String nothingFor(AgentRequest request) {
    return "the cassette of `%s` has no turn for task `%s`, role `%s`, attempt %d"
        .formatted(agent, request.attempt().task(), request.role(), request.attempt().number());
  }
}
