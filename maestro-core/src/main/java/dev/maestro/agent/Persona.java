package dev.maestro.agent;

import dev.maestro.workspace.PathGlobs;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A named role that steps refer to.
 *
 * @param name what steps call it, such as {@code tester}
 * @param systemPrompt what the agent is told it is, or null for the provider's default
 * @param provider who plays it, by id, or null to let the registry choose
 * @param model an alias or a full model id, or null for the provider's default
 * @param writes globs of the only files that it may write; none for any
 * @param thinking how much it thinks before it answers, or null for the provider's default
 * @param needs what whoever plays it has to be able to do; asked before a run starts
 * @param handOffPercent how full its conversation may be, in percent, before the next launch begins
 *     a new one, or null for any
 */
public record Persona(
    String name,
    @Nullable String systemPrompt,
    @Nullable ProviderId provider,
    @Nullable String model,
    PathGlobs writes,
    @Nullable Thinking thinking,
    Capabilities needs,
    @Nullable Integer handOffPercent) {

  /** Check the name and the share. */
  public Persona {
    if (Objects.requireNonNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("a persona needs a name");
    }
    Objects.requireNonNull(writes, "writes");
    Objects.requireNonNull(needs, "needs");
    if (handOffPercent != null && (handOffPercent < 1 || handOffPercent > 100)) {
      throw new IllegalArgumentException(
          "a conversation is handed off at 1 to 100 percent, not " + handOffPercent);
    }
  }

  /** Make a role that may write certain files and needs nothing in particular. */
  public Persona(
      String name,
      @Nullable String systemPrompt,
      @Nullable ProviderId provider,
      @Nullable String model,
      PathGlobs writes) {
    this(name, systemPrompt, provider, model, writes, null, Capabilities.of(), null);
  }

  /** Make a role that may write any file. */
  public Persona(
      String name,
      @Nullable String systemPrompt,
      @Nullable ProviderId provider,
      @Nullable String model) {
    this(name, systemPrompt, provider, model, PathGlobs.of());
  }

  /** {@return a role of this name that any provider plays} */
  public static Persona named(String name) {
    return new Persona(name, null, null, null);
  }

  /** {@return the same role, told this} */
  public Persona systemPrompt(String text) {
    return new Persona(name, text, provider, model, writes, thinking, needs, handOffPercent);
  }

  /** {@return the same role, played by this provider} */
  public Persona provider(ProviderId id) {
    return new Persona(name, systemPrompt, id, model, writes, thinking, needs, handOffPercent);
  }

  /** {@return the same role on this model} */
  public Persona model(String aliasOrId) {
    return on(provider, aliasOrId);
  }

  /** {@return the same role, played by this provider, or whoever is chosen, on this model} */
  Persona on(@Nullable ProviderId id, @Nullable String aliasOrId) {
    return new Persona(name, systemPrompt, id, aliasOrId, writes, thinking, needs, handOffPercent);
  }

  /**
   * {@return the same role, which may write only files that match these globs}
   *
   * <p>A tool that would write another is refused; a step that has changed one fails its attempt,
   * for the reason {@code role-violation}. Reading is not limited.
   */
  public Persona writes(String... globs) {
    PathGlobs files = PathGlobs.of(globs);
    return new Persona(name, systemPrompt, provider, model, files, thinking, needs, handOffPercent);
  }

  /** {@return the same role, which thinks so much unless a step says otherwise} */
  public Persona thinking(Thinking level) {
    return new Persona(name, systemPrompt, provider, model, writes, level, needs, handOffPercent);
  }

  /**
   * {@return the same role, which only a provider can play that has these abilities}
   *
   * <p>A pipeline whose steps go to another does not start.
   */
  public Persona needs(Capability... abilities) {
    Capabilities all = Capabilities.of(abilities);
    return new Persona(name, systemPrompt, provider, model, writes, thinking, all, handOffPercent);
  }

  /**
   * {@return the same role, whose next launch begins a new conversation where the one there is has
   * been filled to so many percent}
   *
   * <p>It is told what was done and what is open. A step may say another share.
   */
  public Persona handOffAt(int percent) {
    return new Persona(name, systemPrompt, provider, model, writes, thinking, needs, percent);
  }

  /** {@return what the agent is told it is, if anything} */
  public Optional<String> instructions() {
    return Optional.ofNullable(systemPrompt);
  }
}
