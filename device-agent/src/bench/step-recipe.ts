/** What both contenders do with the gradients. No decay: tfjs-layers can only regularise the loss, which is other work. */
export const stepRecipe = { learningRate: 0.01, momentum: 0.9, nesterov: true, weightDecay: 0 } as const;
