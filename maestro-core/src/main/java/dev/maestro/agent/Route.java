package dev.maestro.agent;

import dev.maestro.failure.Problem;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who carries out a step: the outcome of asking the {@code ProviderRegistry}.
 *
 * @param provider who
 * @param persona as what
 * @param model the full model id, or null for the provider's default
 */
public record Route(AgentProvider provider, Persona persona, @Nullable String model) {

  /** Check that nothing required is missing. */
  public Route {
    Objects.requireNonNull(provider, "provider");
    Objects.requireNonNull(persona, "persona");
  }

  /**
   * {@return one problem for each ability that the step needs and the provider lacks, in the order
   * asked, and one more where the provider does not take the model}
   */
  public List<Problem> require(String step, Capability... needed) {
    Stream<Problem> lacking =
        Arrays.stream(needed)
            .distinct()
            .filter(ability -> !provider.capabilities().has(ability))
            .map(ability -> lack(step, ability));
    return Stream.concat(lacking, refused(step).stream()).toList();
  }

  /** {@return how much to think: what the step says, else what the persona does} */
  public Optional<Thinking> thinking(@Nullable Thinking ofStep) {
    return Optional.ofNullable(ofStep == null ? persona.thinking() : ofStep);
  }

  private Problem lack(String step, Capability ability) {
    return problem(
        step,
        "step `%s` needs %s; provider `%s` has none"
            .formatted(step, ability.label(), provider.id()));
  }

  private Optional<Problem> refused(String step) {
    return model == null || provider.takes(model)
        ? Optional.empty()
        : Optional.of(
            problem(
                step,
                "step `%s` asks for model `%s`; provider `%s` cannot be told which to use"
                    .formatted(step, model, provider.id())));
  }

  private static Problem problem(String step, String message) {
    return new Problem("capability", "steps." + step, message);
  }
}
