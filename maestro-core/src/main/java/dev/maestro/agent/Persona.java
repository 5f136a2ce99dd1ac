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
 */
public record Persona(
    String name,
    @Nullable String systemPrompt,
    @Nullable ProviderId provider,
    @Nullable String model,
    PathGlobs writes) {

  /** Check the name. */
  public Persona {
    if (Objects.requireNonNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("a persona needs a name");
    }
    Objects.requireNonNull(writes, "writes");
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
    return new Persona(name, text, provider, model, writes);
  }

  /** {@return the same role, played by this provider} */
  public Persona provider(ProviderId id) {
    return new Persona(name, systemPrompt, id, model, writes);
  }

  /** {@return the same role on this model} */
  public Persona model(String aliasOrId) {
    return new Persona(name, systemPrompt, provider, aliasOrId, writes);
  }

  /**
   * {@return the same role, which may write only files that match these globs}
   *
   * <p>A tool that would write another is refused; a step that has changed one fails its attempt,
   * for the reason {@code role-violation}. Reading is not limited.
   */
  public Persona writes(String... globs) {
    return new Persona(name, systemPrompt, provider, model, PathGlobs.of(globs));
  }

  /** {@return what the agent is told it is, if anything} */
  public Optional<String> instructions() {
    return Optional.ofNullable(systemPrompt);
  }
}
