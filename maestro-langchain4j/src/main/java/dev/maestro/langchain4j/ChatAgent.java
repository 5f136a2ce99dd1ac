package dev.maestro.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.maestro.agent.AgentEvent;
import dev.maestro.agent.AgentListener;
import dev.maestro.agent.AgentProvider;
import dev.maestro.agent.AgentReply;
import dev.maestro.agent.AgentRequest;
import dev.maestro.agent.Capabilities;
import dev.maestro.agent.Capability;
import dev.maestro.agent.Installation;
import dev.maestro.agent.Model;
import dev.maestro.agent.Prices;
import dev.maestro.agent.ProviderId;
import dev.maestro.failure.ErrorClass;
import dev.maestro.failure.Failure;
import dev.maestro.failure.PermanentException;
import dev.maestro.process.Cancellation;
import dev.maestro.process.Time;
import dev.maestro.task.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A coding agent that is made of a chat model: any model that LangChain4j reaches, brought by the
 * application, and tools that work in the workspace.
 *
 * <pre>{@code
 * ChatModel model = OpenAiChatModel.builder().apiKey(key).modelName("…").maxRetries(0).build();
 * AgentProvider agent = ChatAgent.builder(ProviderId.of("chat"), model).commands("mvn").build();
 * }</pre>
 *
 * <p>The model is asked, uses tools, is told what they answered, and is asked again until it calls
 * none any more; its last words are the reply. It can read, list, find, search, write and edit
 * files, which never leads out of the workspace, and run the commands that {@link Builder#commands}
 * grants or a guardrail allows. Each use is asked through {@link AgentListener#permit}. A launch
 * that is cut, filtered, too long, or does not say why it ended is a failure; it is a success only
 * when the model says that it is done.
 *
 * <p>Retries belong to Maestro: build the model without any of its own. A conversation that no
 * longer fits is sent without what tools answered long ago, and fails with {@link
 * ErrorClass#CONTEXT_OVERFLOW} when that is not enough. Sessions are kept in the run's own store,
 * so that they can be resumed after a restart. What the model has used up is reported after each
 * call.
 *
 * <p>A waiting launch holds one thread for the call and the one that called it, both of them
 * virtual where the JVM has such. A cancelled launch interrupts the call of a {@link ChatModel},
 * which ends the request; a {@link StreamingChatModel} can be told to end only once it has begun to
 * speak, and is left to its own time limit before.
 *
 * <p>Immutable, and safe for use by any number of threads, as the model has to be.
 */
public final class ChatAgent implements AgentProvider {

  /** How often the model is asked in one launch, unless told otherwise. */
  public static final int DEFAULT_TURNS = 100;

  /** How many tools may be used in one launch, unless told otherwise. */
  public static final int DEFAULT_TOOL_CALLS = 500;

  /** How many characters of an output the model is shown, unless told otherwise. */
  public static final int DEFAULT_OUTPUT_LIMIT = 30_000;

  /** How long a command may take, unless told otherwise. */
  public static final Duration DEFAULT_COMMAND_LIMIT = Duration.ofMinutes(2);

  /** What the model is told to be, unless told otherwise. */
  public static final String DEFAULT_INSTRUCTIONS =
      """
      You are a coding agent. You work in a directory of files, with the tools that you are given; \
      all paths are relative to it. Look before you change anything, change what the task needs \
      and nothing else, and check what you have done where a tool lets you. Nobody answers \
      questions while you work. When you are done, use no more tools and say in a few sentences \
      what you did.\
      """;

  private final ProviderId id;
  private final Voice voice;
  private final String instructions;
  private final List<Tool> tools;
  private final int turns;
  private final int toolCalls;
  private final int outputLimit;
  private final @Nullable Long contextWindow;
  private final List<Model> models;
  private final @Nullable Prices prices;
  private final Set<String> secrets;
  private final @Nullable Time time;
  private final SharedClock clock = new SharedClock();

  private ChatAgent(Builder builder) {
    id = builder.id;
    voice = builder.voice;
    instructions = builder.instructions;
    tools = builder.tools();
    turns = builder.turns;
    toolCalls = builder.toolCalls;
    outputLimit = builder.outputLimit;
    contextWindow = builder.contextWindow;
    models = builder.models();
    prices = builder.prices;
    secrets = Set.copyOf(builder.secrets);
    time = builder.time;
  }

  /** {@return an agent of this model, with every default} */
  public static ChatAgent of(ProviderId id, ChatModel model) {
    return builder(id, model).build();
  }

  /** {@return a builder of an agent of this model, which says all at once} */
  public static Builder builder(ProviderId id, ChatModel model) {
    return new Builder(id, Voice.of(Objects.requireNonNull(model, "model")));
  }

  /** {@return a builder of an agent of this model, whose words are heard while it speaks} */
  public static Builder builder(ProviderId id, StreamingChatModel model) {
    return new Builder(id, Voice.of(Objects.requireNonNull(model, "model")));
  }

  @Override
  public ProviderId id() {
    return id;
  }

  @Override
  public Capabilities capabilities() {
    Set<Capability> all =
        EnumSet.of(
            Capability.SESSIONS,
            Capability.PERMISSIONS,
            Capability.METERS,
            Capability.PROMPT_AFTER_START);
    if (prices != null) {
      all.add(Capability.CAPS_SPEND);
    }
    return new Capabilities(all);
  }

  /** {@return that it is there: the application has brought the model} */
  @Override
  public Installation detect() {
    return Installation.present(null);
  }

  @Override
  public List<Model> models() {
    return models;
  }

  @Override
  public AgentReply run(AgentRequest request, AgentListener listener, Cancellation cancellation)
      throws InterruptedException {
    Discretion discretion = Discretion.of(request, secrets);
    AgentListener discreet = new DiscreetListener(listener, discretion);
    AgentReply reply = launch(request, discreet, discretion, cancellation);
    discreet.on(
        reply
            .problem()
            .<AgentEvent>map(AgentEvent.Failed::new)
            .orElseGet(() -> new AgentEvent.Completed(reply.text())));
    return reply;
  }

  private AgentReply launch(
      AgentRequest request,
      AgentListener listener,
      Discretion discretion,
      Cancellation cancellation)
      throws InterruptedException {
    if (cancellation.isCancelled()) {
      return AgentReply.failed(Failure.of(ErrorClass.CANCELLED, "cancelled"), Usage.NONE);
    }
    Time now = time == null ? clock.acquire() : time;
    Mailbox mailbox = new Mailbox();
    try (Watch watch = new Watch(now, request.limits(), cancellation, mailbox)) {
      Workplace place = workplace(request);
      Desk desk = new Desk(place, request, now, cancellation, watch, mailbox, outputLimit);
      return new ChatLaunch(this, request, listener, discretion, desk).run();
    } finally {
      if (time == null) {
        clock.release();
      }
    }
  }

  private static Workplace workplace(AgentRequest request) {
    try {
      return new Workplace(request.directory());
    } catch (IOException e) {
      throw new PermanentException("there is no directory " + request.directory(), e);
    }
  }

  // ------------------------------------------------------------------ for launches

  Voice voice() {
    return voice;
  }

  List<Tool> tools() {
    return tools;
  }

  int turns() {
    return turns;
  }

  int toolCalls() {
    return toolCalls;
  }

  int outputLimit() {
    return outputLimit;
  }

  @Nullable Long contextWindow() {
    return contextWindow;
  }

  /** {@return what the model is told that it is: by the agent, then by the persona} */
  String instructions(AgentRequest request) {
    return request.systemPrompt() == null
        ? instructions
        : instructions + "\n\n" + request.systemPrompt();
  }

  /** {@return which model answers, where that is known} */
  @Nullable String model(AgentRequest request) {
    return request.model() == null ? voice.defaults().modelName() : request.model();
  }

  /** {@return what the model costs, where the launch has to keep to its cap by itself} */
  Prices.@Nullable Price price(AgentRequest request) {
    return prices == null ? null : prices.of(model(request)).orElse(null);
  }

  /** {@return whether answers may be limited by what is left to spend} */
  boolean limitsAnswers(AgentRequest request) {
    return price(request) != null && !request.cap().isNone();
  }

  static long bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /**
   * Builds a chat agent.
   *
   * <p>By default it has all file tools and no commands, asks its model {@link #DEFAULT_TURNS}
   * times at most, and leaves it to Maestro to end a launch at its cap.
   */
  public static final class Builder {

    private final ProviderId id;
    private final Voice voice;
    private final Set<String> inherited = new LinkedHashSet<>();
    private final Set<String> secrets = new LinkedHashSet<>();
    private String instructions = DEFAULT_INSTRUCTIONS;
    private boolean readsOnly;
    private @Nullable Set<String> programs;
    private Duration commandLimit = DEFAULT_COMMAND_LIMIT;
    private int turns = DEFAULT_TURNS;
    private int toolCalls = DEFAULT_TOOL_CALLS;
    private int outputLimit = DEFAULT_OUTPUT_LIMIT;
    private @Nullable Long contextWindow;
    private @Nullable List<Model> models;
    private @Nullable Prices prices;
    private @Nullable Time time;

    private Builder(ProviderId id, Voice voice) {
      this.id = Objects.requireNonNull(id, "id");
      this.voice = voice;
    }

    /** Tell the model something else than {@link #DEFAULT_INSTRUCTIONS}; a persona adds its own. */
    public Builder instructions(String text) {
      instructions = Objects.requireNonNull(text, "text");
      return this;
    }

    /** Offer no tool that changes files. */
    public Builder readOnly() {
      readsOnly = true;
      return this;
    }

    /**
     * Offer a tool that runs commands in the workspace. These programs may be run as far as no
     * guardrail objects; any other needs a guardrail that allows it.
     *
     * <p>A program can do what the user of this process can. File tools stay in the workspace,
     * programs do not: a sandbox is for that.
     */
    public Builder commands(String... granted) {
      programs = Set.of(granted);
      return this;
    }

    /** Pass on more variables of the host to commands; a {@code *} at the end: any rest. */
    public Builder inherit(String... names) {
      inherited.addAll(List.of(names));
      return this;
    }

    /**
     * Never repeat these, such as the key that the model is built with: services tell it in their
     * errors. They are taken out of whatever is told of a launch, and of what its tools bring back.
     * What a step declares as a secret is taken out in any case.
     */
    public Builder hiding(String... values) {
      secrets.addAll(List.of(values));
      return this;
    }

    /** Set how long a command may take; it is ended then, and the model is told. */
    public Builder commandLimit(Duration limit) {
      if (limit.isNegative() || limit.isZero()) {
        throw new IllegalArgumentException("the time of a command must be positive");
      }
      commandLimit = limit;
      return this;
    }

    /** Set how often the model is asked in one launch at most. */
    public Builder turns(int most) {
      turns = positive(most, "turns");
      return this;
    }

    /** Set how many tools may be used in one launch at most. */
    public Builder toolCalls(int most) {
      toolCalls = positive(most, "toolCalls");
      return this;
    }

    /** Set how many characters of an output the model is shown; more is cut in the middle. */
    public Builder outputLimit(int characters) {
      outputLimit = positive(characters, "outputLimit");
      return this;
    }

    /**
     * Say how many tokens fit into the model, so that room is made before it refuses: old answers
     * of tools are left out when it is nine tenths full.
     */
    public Builder contextWindow(long tokens) {
      if (tokens < 1) {
        throw new IllegalArgumentException("contextWindow must be at least 1");
      }
      contextWindow = tokens;
      return this;
    }

    private static int positive(int number, String name) {
      if (number < 1) {
        throw new IllegalArgumentException(name + " must be at least 1");
      }
      return number;
    }

    /** Say which models can be asked for; by default the one that the model is set to. */
    public Builder models(Model... offered) {
      models = List.of(offered);
      return this;
    }

    /**
     * Keep to the cap of each launch by itself: no call is made, and no answer is longer, than what
     * is left can pay at these prices.
     *
     * <p>That works for models that have a price here and take a limit for the length of an answer.
     * Without it a launch is ended after the call with which it reaches its cap.
     */
    public Builder prices(Prices all) {
      prices = Objects.requireNonNull(all, "all");
      return this;
    }

    /** Watch limits by this clock; by default by one of the system's while launches are at work. */
    public Builder time(Time clock) {
      time = Objects.requireNonNull(clock, "clock");
      return this;
    }

    private List<Tool> tools() {
      List<Tool> all = new ArrayList<>(FileTools.reading());
      if (!readsOnly) {
        all.addAll(FileTools.writing());
      }
      if (programs != null) {
        all.add(new CommandTool(programs, Set.copyOf(inherited), commandLimit));
      }
      return List.copyOf(all);
    }

    private List<Model> models() {
      if (models != null) {
        return models;
      }
      String name = voice.defaults().modelName();
      return name == null ? List.of() : List.of(new Model(name, name));
    }

    /** {@return the agent} */
    public ChatAgent build() {
      return new ChatAgent(this);
    }
  }
}
