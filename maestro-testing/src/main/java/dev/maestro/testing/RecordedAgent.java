package dev.maestro.testing;

import com.fasterxml.jackson.core.JsonFactory;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.process.Cancellation;
import dev.maestro.task.Usage;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An agent that replays a {@link Cassette}, for ever and without tokens.
 *
 * <p>A launch that no turn serves fails with a sentence that says so, and so does one whose prompt
 * or files differ from what the turn was recorded with, where that is told; see {@link
 * RecordingAgent}. {@link #childCommand} is the same agent as a program.
 *
 * <p>Immutable, and safe for use by any number of threads.
 */
public final class RecordedAgent implements AgentProvider {

  private final Cassette cassette;
  private final double pace;

  private RecordedAgent(Cassette cassette, double pace) {
    this.cassette = Objects.requireNonNull(cassette, "cassette");
    this.pace = pace;
  }

  /** {@return an agent that replays the cassette and skips its pauses} */
  public static RecordedAgent of(Cassette cassette) {
    return new RecordedAgent(cassette, 0);
  }

  /** {@return the same agent, pausing as long as recorded times the factor; 0 skips pauses} */
  public RecordedAgent pace(double factor) {
    if (!(factor >= 0 && factor <= 1_000)) {
      throw new IllegalArgumentException("a pace is 0 to 1000, not " + factor);
    }
    return new RecordedAgent(cassette, factor);
  }

  /**
   * {@return the command that replays a cassette as a child process: {@link RecordedAgentMain} on
   * this JVM's own {@code java} with the few jars it needs}
   *
   * @param file the cassette
   * @param more further arguments, such as {@code --pace 1}
   */
  public static List<String> childCommand(Path file, String... more) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Stream<String> fixed =
        Stream.of(
            java,
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xshare:auto",
            "-cp",
            classPath(),
            RecordedAgentMain.class.getName(),
            file.toAbsolutePath().toString());
    return Stream.concat(fixed, Stream.of(more)).toList();
  }

  private static String classPath() {
    return Stream.of(RecordedAgent.class, AgentProvider.class, JsonFactory.class)
        .map(RecordedAgent::home)
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String home(Class<?> type) {
    CodeSource source = type.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new IllegalStateException("no file holds " + type.getName());
    }
    try {
      return Path.of(source.getLocation().toURI()).toString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("no path leads to " + source.getLocation(), e);
    }
  }

  @Override
  public ProviderId id() {
    return ProviderId.of(cassette.agent());
  }

  @Override
  public Capabilities capabilities() {
    return cassette.capabilities();
  }

  @Override
  public Installation detect() {
    return Installation.present("recorded");
  }

  @Override
  public List<Model> models() {
    return List.of();
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    if (capabilities().has(Capability.PROMPT_AFTER_START)) {
      listener.on(new AgentEvent.Launched(null));
    }
    return cassette
        .misfit(request)
        .map(RecordedAgent::refusing)
        .orElseGet(() -> cassette.find(request).orElseThrow().turn(pace))
        .perform(new Stage(request, listener, cancellation));
  }

  private static Turn refusing(String why) {
    return Turn.failing(Failure.of(ErrorClass.PERMANENT, why)).uses(Usage.NONE);
  }
}
