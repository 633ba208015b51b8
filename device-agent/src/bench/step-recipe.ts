/** What both contenders do with the gradients. No decay: tfjs-layers can only regularise the loss, which is more work for it. */
export const stepRecipe = { learningRate: 0.01, momentum: 0.9, nesterov: true } as const;
