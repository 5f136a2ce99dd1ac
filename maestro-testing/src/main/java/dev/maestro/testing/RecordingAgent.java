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
import dev.maestro.failure.TransientException;
import dev.maestro.process.Cancellation;
import dev.maestro.workspace.PathGlobs;
import java.io.IOException;
import java.util.ArrayList;
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
 * <p>Safe for use by any number of threads.
 */
public final class RecordingAgent implements AgentProvider {

  private final AgentProvider recorded;
  private final PathGlobs ignored;
  private final List<String> secrets;
  // guards itself
  private final List<Recording> turns;
  // guards itself: what launches were handed in their environment
  private final Set<String> handedIn;

  private RecordingAgent(
      AgentProvider recorded,
      PathGlobs ignored,
      List<String> secrets,
      List<Recording> turns,
      Set<String> handedIn) {
    this.recorded = Objects.requireNonNull(recorded, "recorded");
    this.ignored = ignored;
    this.secrets = List.copyOf(secrets);
    this.turns = turns;
    this.handedIn = handedIn;
  }

  /** {@return records this provider} */
  public static RecordingAgent of(AgentProvider provider) {
    return new RecordingAgent(
        provider, PathGlobs.of(), List.of(), new ArrayList<>(), new HashSet<>());
  }

  /** {@return the same, for which files that match these globs do not matter} */
  public RecordingAgent ignoring(String... globs) {
    return new RecordingAgent(recorded, PathGlobs.of(globs), secrets, turns, handedIn);
  }

  /** {@return the same, which records these secrets nowhere either} */
  public RecordingAgent hiding(String... values) {
    return new RecordingAgent(recorded, ignored, List.of(values), turns, handedIn);
  }

  /** {@return all that was recorded so far, in the order in which launches ended} */
  public Cassette cassette() {
    synchronized (turns) {
      return new Cassette(id().value(), turns, capabilities());
    }
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
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    Scrub scrub = scrub(request);
    Footage before = footage(request);
    Listening listening = new Listening(listener);
    AgentReply reply = recorded.run(request, listening, cancellation);
    Footage after = footage(request);
    Recording turn = turn(request, scrub, before, after, listening, reply);
    synchronized (turns) {
      turns.add(turn);
    }
    return reply;
  }

  /** What one launch was handed, a later one may come upon. */
  private Scrub scrub(AgentRequest request) {
    synchronized (handedIn) {
      handedIn.addAll(request.environment().values());
      return Scrub.of(Stream.concat(secrets.stream(), handedIn.stream()), request.hiding());
    }
  }

  private Footage footage(AgentRequest request) {
    try {
      return Footage.of(request.directory(), ignored);
    } catch (IOException e) {
      throw new TransientException("cannot record the files in " + request.directory(), e);
    }
  }

  private Recording turn(
      AgentRequest request,
      Scrub scrub,
      Footage before,
      Footage after,
      Listening listening,
      AgentReply reply) {
    Recording.Match when =
        new Recording.Match(
            request.attempt().task().value(), request.role(), request.attempt().number(), null);
    Scene scene = new Scene(scrub.apply(request.prompt()), before.fingerprints(), ignored);
    List<Deed> deeds = listening.deeds(reply, scrub);
    try {
      deeds.addAll(after.since(before, scrub));
    } catch (IOException e) {
      throw new TransientException("cannot record the files in " + request.directory(), e);
    }
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
