package dev.maestro.attempt;

import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.PermissionDecision;
import dev.maestro.agent.PermissionRequest;
import dev.maestro.agent.Route;
import dev.maestro.agent.SessionId;
import dev.maestro.failure.Failure;
import dev.maestro.run.RunEvent;
import dev.maestro.run.RunInput;
import dev.maestro.store.BlobId;
import dev.maestro.task.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what one launch does, for people, while it goes on.
 *
 * <p>What has been written goes into the store part by part, so that little of it is in memory and
 * a JVM that dies leaves what it had: a part is kept when it is long enough, or when the one before
 * was kept a while ago. Secrets are taken out of whole passages, so that none is missed that came
 * in two pieces. Inputs and outputs of tools are cut.
 *
 * <p>Safe for use by any number of threads: an agent may ask on another one than it speaks on.
 */
final class Transcript {

  private static final int LONGEST_PART = 32 * 1024;
  private static final int LONGEST_PASSAGE = 8 * 1024;
  private static final int LONGEST_HELD = 64 * 1024;
  private static final int MOST_TOOLS = 1_000;
  private static final Duration OFTEN = Duration.ofSeconds(5);

  private final Tools tools;
  private final Assignment a;
  private final Secrets secrets;
  private final boolean off;
  // it commits, which a virtual thread must not do in a monitor
  private final Lock lock = new ReentrantLock();
  // guarded by lock, and so is all below
  private final StringBuilder part = new StringBuilder();
  // what the agent is saying or thinking
  private final StringBuilder passage = new StringBuilder();
  private boolean thinking;
  private Instant kept;
  // what the uses of tools are of that have not answered yet
  private final Map<String, String> uses = new LinkedHashMap<>();

  Transcript(Tools tools, Assignment a, Secrets secrets) {
    this.tools = tools;
    this.a = a;
    this.secrets = secrets;
    this.off = tools.transcripts() == Transcripts.OFF;
    this.kept = off ? Instant.MIN : tools.time().instant();
  }

  void begin(Route route, AgentRequest request) {
    if (off) {
      return;
    }
    lock.lock();
    try {
      part.append("# ").append(a.attempt().key().run()).append(" / ").append(a.attempt().task());
      part.append(", attempt ").append(a.attempt().number()).append("\n\n");
      item("begun", kept.toString());
      item("agent", Markdown.code(route.persona().name()));
      item("provider", Markdown.code(route.provider().id().value()));
      item("model", route.model() == null ? "its default" : Markdown.code(route.model()));
      item("goes on with", request.resumes().map(SessionId::value).map(this::code).orElse(""));
      part.append("\n## Prompt\n\n");
      part.append(Markdown.fenced("", Markdown.cut(secrets.apply(request.prompt()))));
      part.append("\n## What happened\n\n");
    } finally {
      lock.unlock();
    }
  }

  /** What a tool or a session is called is up to the agent, too: some say in it what they do. */
  private String code(String name) {
    return Markdown.code(secrets.apply(name));
  }

  private void item(String name, String value) {
    if (!value.isEmpty()) {
      part.append("- ").append(name).append(": ").append(value).append('\n');
    }
  }

  void on(AgentEvent event) {
    if (off) {
      return;
    }
    lock.lock();
    try {
      if (event instanceof AgentEvent.Text said) {
        speak(said.text(), false);
      } else if (event instanceof AgentEvent.Thinking thought) {
        speak(thought.text(), true);
      } else {
        endPassage();
        tell(event);
      }
      keepIfDue();
    } finally {
      lock.unlock();
    }
  }

  void asked(PermissionRequest request, PermissionDecision decision) {
    if (off) {
      return;
    }
    lock.lock();
    try {
      endPassage();
      part.append("**Asks for** ").append(code(request.tool())).append(": ");
      part.append(decision.allowed() ? "allowed" : "denied");
      part.append(decision.reason().isEmpty() ? "" : ", " + secrets.apply(decision.reason()));
      part.append("\n\n").append(Markdown.json(request.input(), secrets)).append('\n');
      keepIfDue();
    } finally {
      lock.unlock();
    }
  }

  /** The last part; a run that has moved on takes none any more. */
  void end(AgentReply reply) {
    if (off) {
      return;
    }
    lock.lock();
    try {
      endPassage();
      part.append("## End\n\n");
      item("ended", tools.time().instant().toString());
      item("outcome", reply.problem().map(this::failure).orElse("completed"));
      item("session", reply.knownSession().map(SessionId::value).map(this::code).orElse(""));
      item("used", reply.knownUsage().map(Transcript::usage).orElse("nobody knows"));
      if (!reply.text().isBlank()) {
        part.append('\n').append(Markdown.cut(secrets.apply(reply.text().strip()))).append('\n');
      }
      try {
        keep();
      } catch (SupersededException e) {
        part.setLength(0);
      }
    } finally {
      lock.unlock();
    }
  }

  private String failure(Failure failure) {
    String until = failure.until() == null ? "" : ", until " + failure.until();
    return "failed, "
        + failure.errorClass().code()
        + ": "
        + secrets.apply(failure.message())
        + until;
  }

  private static String usage(Usage used) {
    return used.inputTokens()
        + " tokens in, "
        + used.outputTokens()
        + " out, "
        + used.cachedTokens()
        + " from a cache, "
        + used.cost();
  }

  // ------------------------------------------------------------------ what the agent says

  private void speak(String text, boolean isThought) {
    if (isThought != thinking) {
      endPassage();
      thinking = isThought;
    }
    passage.append(text);
    int end = passage.length() > LONGEST_PASSAGE ? safeEnd() : 0;
    if (end > 0) {
      write(passage.substring(0, end));
      passage.delete(0, end);
    }
  }

  /**
   * {@return where the last word begins, of which more may be to come, or a secret that goes on
   * behind it; nothing is held back that is longer than anything of that kind}
   */
  private int safeEnd() {
    int word = endOfWord();
    int safe = word - secrets.begunIn(passage.substring(0, word));
    return safe == 0 && passage.length() > LONGEST_HELD ? word : safe;
  }

  private int endOfWord() {
    for (int i = passage.length() - 1; i > 0; i--) {
      if (Character.isWhitespace(passage.charAt(i))) {
        return i;
      }
    }
    return passage.length() > LONGEST_HELD ? passage.length() : 0;
  }

  private void endPassage() {
    if (!passage.toString().isBlank()) {
      write(passage.toString());
      part.append("\n\n");
    }
    passage.setLength(0);
  }

  private void write(String text) {
    String clean = secrets.apply(text);
    part.append(thinking ? Markdown.quoted(clean) : clean);
  }

  // ------------------------------------------------------------------ what it does

  private void tell(AgentEvent event) {
    if (event instanceof AgentEvent.ToolUse use) {
      remember(use);
      part.append("### Tool ").append(code(use.tool())).append("\n\n");
      part.append(Markdown.json(use.input(), secrets)).append('\n');
    } else if (event instanceof AgentEvent.ToolResult result) {
      String tool = uses.remove(result.id());
      part.append(result.ok() ? "Result" : "Failure").append(" of ");
      part.append(tool == null ? "a tool" : code(tool)).append(":\n\n");
      part.append(Markdown.fenced("", Markdown.cut(secrets.apply(result.output())))).append('\n');
    } else if (event instanceof AgentEvent.SessionStarted started) {
      part.append("Session ").append(code(started.session().value())).append(".\n\n");
    } else if (event instanceof AgentEvent.RateLimited limited) {
      part.append("Waits for the model").append(until(limited.until())).append(".\n\n");
    }
  }

  private static String until(@Nullable Instant known) {
    return known == null ? "" : " until " + known;
  }

  /** A provider may never tell what came of some. */
  private void remember(AgentEvent.ToolUse use) {
    if (uses.size() >= MOST_TOOLS) {
      uses.remove(uses.keySet().iterator().next());
    }
    uses.put(use.id(), use.tool());
  }

  // ------------------------------------------------------------------ into the store

  private void keepIfDue() {
    if (part.length() >= LONGEST_PART || !tools.time().instant().isBefore(kept.plus(OFTEN))) {
      keep();
    }
  }

  private void keep() {
    kept = tools.time().instant();
    if (part.length() == 0) {
      return;
    }
    byte[] bytes = part.toString().getBytes(StandardCharsets.UTF_8);
    part.setLength(0);
    BlobId blob = tools.store().put(bytes);
    a.journal()
        .record(
            RunInput.Note.of(
                new RunEvent.Transcribed(
                    kept, a.attempt().task(), a.attempt().number(), blob, bytes.length)));
  }
}
