package dev.maestro.testing;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.process.Cancellation;
import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Lets another provider work and records what it does, for a {@link RecordedAgent} to do again.
 *
 * <pre>{@code
 * RecordingAgent recording = RecordingAgent.of(provider).ignoring("target/**");
 * // … a run with recording as its provider …
 * recording.cassette().write(file);
 *
 * RecordedAgent replay = RecordedAgent.of(Cassette.read(file));
 * }</pre>
 *
 * <p>Of each launch that came to an end, well or not: the prompt and the files that it found, what
 * the agent said and did, what it asked for, what it used up, and how the files differed in the
 * end, as patches. A replay of it says the same, leaves the same files, and refuses where the
 * prompt or the files it finds are others.
 *
 * <p>What a launch is handed in its environment, the secrets of its pipeline, and what {@link
 * #hiding} names, is replaced by {@code ***} wherever it appears, also where it came in pieces.
 * Neither modes of files, empty directories nor links are recorded.
 *
 * <p>A launch is never spoiled by being recorded: where the files cannot be looked at, such as when
 * one vanishes meanwhile or is larger than {@link #LARGEST_FILE}, its reply is passed on all the
 * same, and it is {@link #cassette()} that refuses.
 *
 * <p>Safe for use by any number of threads.
 */
public final class RecordingAgent implements AgentProvider {

  /** How many bytes a file may have that a launch has made or changed. */
  public static final long LARGEST_FILE = 64L << 20;

  private final AgentProvider recorded;
  private final PathGlobs ignored;
  private final List<String> secrets;
  private final Footage.Eye eye;
  private final Reel reel;

  private RecordingAgent(
      AgentProvider recorded, PathGlobs ignored, List<String> secrets, Footage.Eye eye, Reel reel) {
    this.recorded = Objects.requireNonNull(recorded, "recorded");
    this.ignored = ignored;
    this.secrets = List.copyOf(secrets);
    this.eye = eye;
    this.reel = reel;
  }

  /** {@return records this provider} */
  public static RecordingAgent of(AgentProvider provider) {
    return seeing(provider, Files::readAllBytes);
  }

  /** {@return records this provider, and reads its short files like this} */
  static RecordingAgent seeing(AgentProvider provider, Footage.Eye eye) {
    return new RecordingAgent(provider, PathGlobs.of(), List.of(), eye, new Reel());
  }

  /** {@return the same, for which files that match these globs do not matter} */
  public RecordingAgent ignoring(String... globs) {
    return new RecordingAgent(recorded, PathGlobs.of(globs), secrets, eye, reel);
  }

  /** {@return the same, which records these secrets nowhere either} */
  public RecordingAgent hiding(String... values) {
    return new RecordingAgent(recorded, ignored, List.of(values), eye, reel);
  }

  /**
   * {@return all that was recorded so far, in the order in which launches ended}
   *
   * @throws PermanentException when a launch could not be recorded; says which, and why
   */
  public Cassette cassette() {
    return new Cassette(id().value(), reel.orThrow(id()), capabilities());
  }

  @Override
  public ProviderId id() {
    return recorded.id();
  }

  @Override
  public Capabilities capabilities() {
    return recorded.capabilities();
  }

  @Override
  public Installation detect() {
    return recorded.detect();
  }

  @Override
  public List<Model> models() {
    return recorded.models();
  }

  @Override
  public boolean takes(String model) {
    return recorded.takes(model);
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    Scrub scrub = reel.scrub(secrets, request);
    Listening listening = new Listening(listener);
    Footage before;
    try {
      before = Footage.of(request.directory(), ignored, eye);
    } catch (IOException e) {
      reel.lack(request, "before", e);
      return recorded.run(request, listener, cancellation);
    }
    AgentReply reply = recorded.run(request, listening, cancellation);
    try {
      reel.add(turn(request, scrub, before, listening, reply));
    } catch (IOException e) {
      reel.lack(request, "after", e);
    }
    return reply;
  }

  private Recording turn(
      AgentRequest request, Scrub scrub, Footage before, Listening listening, AgentReply reply)
      throws IOException {
    Recording.Match when =
        new Recording.Match(
            request.attempt().task().value(), request.role(), request.attempt().number(), null);
    Scene scene = new Scene(scrub.apply(request.prompt()), before.fingerprints(), ignored);
    List<Deed> deeds = listening.deeds(reply, scrub);
    deeds.addAll(Footage.of(request.directory(), ignored, eye).since(before, scrub));
    Failure failure = clean(reply.failure(), scrub);
    return new Recording(
        when,
        deeds,
        scrub.apply(reply.text()),
        reply.session(),
        reply.usage(),
        failure == null ? 0 : 1,
        failure,
        scene);
  }

  private static @Nullable Failure clean(@Nullable Failure failure, Scrub scrub) {
    return failure == null
        ? null
        : new Failure(failure.errorClass(), scrub.apply(failure.message()), failure.until());
  }

  /** What was recorded, and what was not. */
  private static final class Reel {

    // all guarded by this
    private final List<Recording> turns = new ArrayList<>();
    private final List<String> lacking = new ArrayList<>();
    private final Set<String> handedIn = new HashSet<>();

    /** What one launch was handed in its environment, a later one may come upon. */
    synchronized Scrub scrub(Collection<String> secrets, AgentRequest request) {
      handedIn.addAll(request.environment().values());
      return Scrub.of(Stream.concat(secrets.stream(), handedIn.stream()), request.hiding());
    }

    synchronized void add(Recording turn) {
      turns.add(turn);
    }

    synchronized void lack(AgentRequest request, String when, IOException why) {
      lacking.add(
          "task `%s`, attempt %d: its files could not be looked at %s it: %s"
              .formatted(request.attempt().task(), request.attempt().number(), when, why));
    }

    synchronized List<Recording> orThrow(ProviderId id) {
      if (!lacking.isEmpty()) {
        throw new PermanentException(
            "the cassette of `%s` would lack %s".formatted(id, String.join("; ", lacking)));
      }
      return List.copyOf(turns);
    }
  }

  /** Passes everything on, and keeps what a recording can tell. */
  private static final class Listening implements AgentListener {

    private final AgentListener listener;
    // guarded by this: an agent may ask on another thread than it speaks on
    private final List<Deed> deeds = new ArrayList<>();

    Listening(AgentListener listener) {
      this.listener = listener;
    }

    @Override
    public void on(AgentEvent event) {
      listener.on(event);
      if (Deed.Tells.canTell(event)) {
        add(new Deed.Tells(event));
      }
    }

    @Override
    public PermissionDecision permit(PermissionRequest request) {
      PermissionDecision decision = listener.permit(request);
      add(new Deed.Asks(request, decision.allowed()));
      return decision;
    }

    private synchronized void add(Deed deed) {
      deeds.add(deed);
    }

    /** {@return the deeds without secrets, and without the end, which a replay tells by itself} */
    synchronized List<Deed> deeds(AgentReply reply, Scrub scrub) {
      List<Deed> all = Hushed.of(deeds, scrub);
      reply.knownUsage().ifPresent(used -> dropLast(all, new AgentEvent.UsageReported(used)));
      if (reply.isCompleted()) {
        dropLast(all, new AgentEvent.Text(scrub.apply(reply.text())));
      }
      return all;
    }

    private static void dropLast(List<Deed> all, AgentEvent event) {
      int last = all.size() - 1;
      if (last >= 0 && all.get(last).equals(new Deed.Tells(event))) {
        all.remove(last);
      }
    }
  }
}
